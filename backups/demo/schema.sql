-- QParkIn's 29 tables as the panel meets them: the same names, columns, keys and foreign keys.
-- Statements end with // at the end of a line, so that triggers.sql can be read the same way.

CREATE TABLE user (
  id_user BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(255) NOT NULL,
  no_hp VARCHAR(20) DEFAULT NULL,
  email VARCHAR(255) DEFAULT NULL,
  email_verified_at TIMESTAMP NULL DEFAULT NULL,
  password VARCHAR(255) DEFAULT NULL,
  provider VARCHAR(255) DEFAULT NULL,
  provider_id VARCHAR(255) DEFAULT NULL,
  role ENUM('customer', 'admin_mall', 'super_admin') NOT NULL DEFAULT 'customer',
  saldo_poin INT NOT NULL DEFAULT 0,
  status ENUM('aktif', 'non-aktif') NOT NULL DEFAULT 'aktif',
  remember_token VARCHAR(100) DEFAULT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  updated_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (id_user),
  UNIQUE KEY user_no_hp_unique (no_hp),
  UNIQUE KEY user_email_unique (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE mall (
  id_mall BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  nama_mall VARCHAR(100) DEFAULT NULL,
  lokasi VARCHAR(255) DEFAULT NULL,
  kapasitas INT DEFAULT NULL,
  alamat_gmaps VARCHAR(255) DEFAULT NULL,
  PRIMARY KEY (id_mall)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE super_admin (
  id_user BIGINT UNSIGNED NOT NULL,
  hak_akses VARCHAR(50) DEFAULT NULL,
  PRIMARY KEY (id_user),
  CONSTRAINT super_admin_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE admin_mall (
  id_user BIGINT UNSIGNED NOT NULL,
  id_mall BIGINT UNSIGNED DEFAULT NULL,
  hak_akses VARCHAR(50) DEFAULT NULL,
  PRIMARY KEY (id_user),
  KEY admin_mall_id_mall_foreign (id_mall),
  CONSTRAINT admin_mall_id_mall_foreign FOREIGN KEY (id_mall) REFERENCES mall (id_mall),
  CONSTRAINT admin_mall_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE customer (
  id_user BIGINT UNSIGNED NOT NULL,
  no_hp VARCHAR(20) DEFAULT NULL,
  PRIMARY KEY (id_user),
  CONSTRAINT customer_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE kendaraan (
  id_kendaraan BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_user BIGINT UNSIGNED DEFAULT NULL,
  plat VARCHAR(20) DEFAULT NULL,
  jenis ENUM('Roda Dua', 'Roda Tiga', 'Roda Empat', 'Lebih dari Enam') DEFAULT NULL,
  merk VARCHAR(50) DEFAULT NULL,
  tipe VARCHAR(50) DEFAULT NULL,
  PRIMARY KEY (id_kendaraan),
  UNIQUE KEY kendaraan_plat_unique (plat),
  KEY kendaraan_id_user_foreign (id_user),
  CONSTRAINT kendaraan_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE gerbang (
  id_gerbang BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_mall BIGINT UNSIGNED NOT NULL,
  nama_gerbang VARCHAR(255) NOT NULL,
  lokasi VARCHAR(255) DEFAULT NULL,
  dibuat_pada DATETIME NOT NULL,
  PRIMARY KEY (id_gerbang),
  KEY gerbang_id_mall_foreign (id_mall),
  CONSTRAINT gerbang_id_mall_foreign FOREIGN KEY (id_mall) REFERENCES mall (id_mall)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE parkiran (
  id_parkiran BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_mall BIGINT UNSIGNED DEFAULT NULL,
  jenis_kendaraan ENUM('Roda Dua', 'Roda Tiga', 'Roda Empat', 'Lebih dari Enam') DEFAULT NULL,
  kapasitas INT DEFAULT NULL,
  status ENUM('Tersedia', 'Ditutup') NOT NULL DEFAULT 'Tersedia',
  PRIMARY KEY (id_parkiran),
  KEY parkiran_id_mall_foreign (id_mall),
  CONSTRAINT parkiran_id_mall_foreign FOREIGN KEY (id_mall) REFERENCES mall (id_mall)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE tarif_parkir (
  id_tarif BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_mall BIGINT UNSIGNED DEFAULT NULL,
  jenis_kendaraan ENUM('Roda Dua', 'Roda Tiga', 'Roda Empat', 'Lebih dari Enam') DEFAULT NULL,
  satu_jam_pertama DECIMAL(10,2) DEFAULT NULL,
  tarif_parkir_per_jam DECIMAL(10,2) DEFAULT NULL,
  PRIMARY KEY (id_tarif),
  KEY tarif_parkir_id_mall_foreign (id_mall),
  CONSTRAINT tarif_parkir_id_mall_foreign FOREIGN KEY (id_mall) REFERENCES mall (id_mall)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE transaksi_parkir (
  id_transaksi BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_user BIGINT UNSIGNED DEFAULT NULL,
  id_kendaraan BIGINT UNSIGNED DEFAULT NULL,
  id_mall BIGINT UNSIGNED DEFAULT NULL,
  id_parkiran BIGINT UNSIGNED DEFAULT NULL,
  jenis_transaksi ENUM('umum', 'booking') DEFAULT NULL,
  waktu_masuk DATETIME DEFAULT NULL,
  waktu_keluar DATETIME DEFAULT NULL,
  durasi INT DEFAULT NULL,
  biaya DECIMAL(10,2) DEFAULT NULL,
  penalty DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  PRIMARY KEY (id_transaksi),
  KEY transaksi_parkir_id_user_foreign (id_user),
  KEY transaksi_parkir_id_kendaraan_foreign (id_kendaraan),
  KEY transaksi_parkir_id_mall_foreign (id_mall),
  KEY transaksi_parkir_id_parkiran_foreign (id_parkiran),
  CONSTRAINT transaksi_parkir_id_kendaraan_foreign FOREIGN KEY (id_kendaraan) REFERENCES kendaraan (id_kendaraan),
  CONSTRAINT transaksi_parkir_id_mall_foreign FOREIGN KEY (id_mall) REFERENCES mall (id_mall),
  CONSTRAINT transaksi_parkir_id_parkiran_foreign FOREIGN KEY (id_parkiran) REFERENCES parkiran (id_parkiran),
  CONSTRAINT transaksi_parkir_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE booking (
  id_transaksi BIGINT UNSIGNED NOT NULL,
  waktu_mulai DATETIME DEFAULT NULL,
  waktu_selesai DATETIME DEFAULT NULL,
  durasi_booking INT DEFAULT NULL,
  status ENUM('aktif', 'selesai', 'expired') NOT NULL DEFAULT 'aktif',
  dibooking_pada DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP(),
  PRIMARY KEY (id_transaksi),
  CONSTRAINT booking_id_transaksi_foreign FOREIGN KEY (id_transaksi) REFERENCES transaksi_parkir (id_transaksi)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE pembayaran (
  id_pembayaran BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_transaksi BIGINT UNSIGNED DEFAULT NULL,
  id_gerbang BIGINT UNSIGNED NOT NULL,
  metode ENUM('qris', 'tapcash', 'poin') DEFAULT NULL,
  nominal DECIMAL(10,2) DEFAULT NULL,
  status ENUM('pending', 'berhasil', 'gagal') NOT NULL DEFAULT 'pending',
  waktu_bayar DATETIME DEFAULT NULL,
  PRIMARY KEY (id_pembayaran),
  KEY pembayaran_id_transaksi_foreign (id_transaksi),
  KEY pembayaran_id_gerbang_foreign (id_gerbang),
  CONSTRAINT pembayaran_id_gerbang_foreign FOREIGN KEY (id_gerbang) REFERENCES gerbang (id_gerbang),
  CONSTRAINT pembayaran_id_transaksi_foreign FOREIGN KEY (id_transaksi) REFERENCES transaksi_parkir (id_transaksi)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE riwayat_poin (
  id_poin BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_user BIGINT UNSIGNED DEFAULT NULL,
  id_transaksi BIGINT UNSIGNED DEFAULT NULL,
  poin INT NOT NULL,
  perubahan ENUM('tambah', 'kurang') DEFAULT NULL,
  keterangan VARCHAR(255) DEFAULT NULL,
  waktu DATETIME DEFAULT NULL,
  PRIMARY KEY (id_poin),
  KEY riwayat_poin_id_user_foreign (id_user),
  KEY riwayat_poin_id_transaksi_foreign (id_transaksi),
  CONSTRAINT riwayat_poin_id_transaksi_foreign FOREIGN KEY (id_transaksi) REFERENCES transaksi_parkir (id_transaksi),
  CONSTRAINT riwayat_poin_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE riwayat_gerbang (
  id_riwayat_gerbang BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_gerbang BIGINT UNSIGNED NOT NULL,
  aksi ENUM('terbuka', 'tertutup') NOT NULL DEFAULT 'tertutup',
  status_sebelum ENUM('terbuka', 'tertutup') NOT NULL DEFAULT 'tertutup',
  status_sesudah ENUM('terbuka', 'tertutup') NOT NULL DEFAULT 'tertutup',
  dibuat_pada TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP(),
  PRIMARY KEY (id_riwayat_gerbang),
  KEY riwayat_gerbang_id_gerbang_foreign (id_gerbang),
  CONSTRAINT riwayat_gerbang_id_gerbang_foreign FOREIGN KEY (id_gerbang) REFERENCES gerbang (id_gerbang)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE notifikasi (
  id_notifikasi BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  id_user BIGINT UNSIGNED DEFAULT NULL,
  pesan TEXT DEFAULT NULL,
  waktu_kirim DATETIME DEFAULT NULL,
  status ENUM('terbaca', 'belum') NOT NULL DEFAULT 'belum',
  PRIMARY KEY (id_notifikasi),
  KEY notifikasi_id_user_foreign (id_user),
  CONSTRAINT notifikasi_id_user_foreign FOREIGN KEY (id_user) REFERENCES user (id_user)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

-- The tables that Laravel brings along.

CREATE TABLE cache (
  `key` VARCHAR(255) NOT NULL,
  `value` MEDIUMTEXT NOT NULL,
  expiration INT NOT NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE cache_locks (
  `key` VARCHAR(255) NOT NULL,
  owner VARCHAR(255) NOT NULL,
  expiration INT NOT NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE jobs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  queue VARCHAR(255) NOT NULL,
  payload LONGTEXT NOT NULL,
  attempts TINYINT UNSIGNED NOT NULL,
  reserved_at INT UNSIGNED DEFAULT NULL,
  available_at INT UNSIGNED NOT NULL,
  created_at INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  KEY jobs_queue_index (queue)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE job_batches (
  id VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  total_jobs INT NOT NULL,
  pending_jobs INT NOT NULL,
  failed_jobs INT NOT NULL,
  failed_job_ids LONGTEXT NOT NULL,
  options MEDIUMTEXT DEFAULT NULL,
  cancelled_at INT DEFAULT NULL,
  created_at INT NOT NULL,
  finished_at INT DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE failed_jobs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  uuid VARCHAR(255) NOT NULL,
  connection TEXT NOT NULL,
  queue TEXT NOT NULL,
  payload LONGTEXT NOT NULL,
  exception LONGTEXT NOT NULL,
  failed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP(),
  PRIMARY KEY (id),
  UNIQUE KEY failed_jobs_uuid_unique (uuid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE migrations (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  migration VARCHAR(255) NOT NULL,
  batch INT NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE sessions (
  id VARCHAR(255) NOT NULL,
  user_id BIGINT UNSIGNED DEFAULT NULL,
  ip_address VARCHAR(45) DEFAULT NULL,
  user_agent TEXT DEFAULT NULL,
  payload LONGTEXT NOT NULL,
  last_activity INT NOT NULL,
  PRIMARY KEY (id),
  KEY sessions_user_id_index (user_id),
  KEY sessions_last_activity_index (last_activity)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE password_reset_tokens (
  email VARCHAR(255) NOT NULL,
  token VARCHAR(255) NOT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE personal_access_tokens (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tokenable_type VARCHAR(255) NOT NULL,
  tokenable_id BIGINT UNSIGNED NOT NULL,
  name TEXT NOT NULL,
  token VARCHAR(64) NOT NULL,
  abilities TEXT DEFAULT NULL,
  last_used_at TIMESTAMP NULL DEFAULT NULL,
  expires_at TIMESTAMP NULL DEFAULT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  updated_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY personal_access_tokens_token_unique (token),
  KEY personal_access_tokens_tokenable_type_tokenable_id_index (tokenable_type, tokenable_id),
  KEY personal_access_tokens_expires_at_index (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE oauth_clients (
  id CHAR(36) NOT NULL,
  owner_type VARCHAR(255) DEFAULT NULL,
  owner_id BIGINT UNSIGNED DEFAULT NULL,
  name VARCHAR(255) NOT NULL,
  secret VARCHAR(255) DEFAULT NULL,
  provider VARCHAR(255) DEFAULT NULL,
  redirect_uris TEXT NOT NULL,
  grant_types TEXT NOT NULL,
  revoked TINYINT(1) NOT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  updated_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (id),
  KEY oauth_clients_owner_type_owner_id_index (owner_type, owner_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE oauth_access_tokens (
  id CHAR(80) NOT NULL,
  user_id BIGINT UNSIGNED DEFAULT NULL,
  client_id CHAR(36) NOT NULL,
  name VARCHAR(255) DEFAULT NULL,
  scopes TEXT DEFAULT NULL,
  revoked TINYINT(1) NOT NULL,
  created_at TIMESTAMP NULL DEFAULT NULL,
  updated_at TIMESTAMP NULL DEFAULT NULL,
  expires_at DATETIME DEFAULT NULL,
  PRIMARY KEY (id),
  KEY oauth_access_tokens_user_id_index (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE oauth_refresh_tokens (
  id CHAR(80) NOT NULL,
  access_token_id CHAR(80) NOT NULL,
  revoked TINYINT(1) NOT NULL,
  expires_at DATETIME DEFAULT NULL,
  PRIMARY KEY (id),
  KEY oauth_refresh_tokens_access_token_id_index (access_token_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE oauth_auth_codes (
  id CHAR(80) NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  client_id CHAR(36) NOT NULL,
  scopes TEXT DEFAULT NULL,
  revoked TINYINT(1) NOT NULL,
  expires_at DATETIME DEFAULT NULL,
  PRIMARY KEY (id),
  KEY oauth_auth_codes_user_id_index (user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//

CREATE TABLE oauth_device_codes (
  id CHAR(80) NOT NULL,
  user_id BIGINT UNSIGNED DEFAULT NULL,
  client_id CHAR(36) NOT NULL,
  user_code CHAR(8) NOT NULL,
  scopes TEXT NOT NULL,
  revoked TINYINT(1) NOT NULL,
  user_approved_at DATETIME DEFAULT NULL,
  last_polled_at DATETIME DEFAULT NULL,
  expires_at DATETIME DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY oauth_device_codes_user_code_unique (user_code),
  KEY oauth_device_codes_user_id_index (user_id),
  KEY oauth_device_codes_client_id_index (client_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci//
