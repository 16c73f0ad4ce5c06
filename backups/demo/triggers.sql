-- QParkIn's 34 triggers by name, table, moment and order, with bodies of our own that do the same kinds of thing.
-- Two defects of the application are kept on purpose, since the panel has to show them:
--   nine bodies write table names in capitals, which only a server that lowers names finds;
--   trg_transaksi_after_update updates its own table, which no server allows (1442).

CREATE TRIGGER trg_user_after_insert AFTER INSERT ON user FOR EACH ROW
BEGIN
  INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
    VALUES (NEW.id_user, CONCAT('Selamat datang di QParkIn, ', NEW.name, '!'), NOW());
END//

CREATE TRIGGER trg_user_before_update BEFORE UPDATE ON user FOR EACH ROW
BEGIN
  IF NEW.saldo_poin < 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Saldo poin tidak boleh kurang dari nol';
  END IF;
END//

CREATE TRIGGER trg_mall_after_insert AFTER INSERT ON mall FOR EACH ROW
BEGIN
  INSERT INTO Notifikasi (id_user, pesan, waktu_kirim)
    SELECT id_user, CONCAT('Mall baru: ', NEW.nama_mall), NOW() FROM Super_Admin;
END//

CREATE TRIGGER trg_mall_after_delete AFTER DELETE ON mall FOR EACH ROW
BEGIN
  DELETE FROM Tarif_Parkir WHERE id_mall = OLD.id_mall;
  DELETE FROM Parkiran WHERE id_mall = OLD.id_mall;
END//

CREATE TRIGGER trg_kendaraan_after_insert AFTER INSERT ON kendaraan FOR EACH ROW
BEGIN
  INSERT INTO Notifikasi (id_user, pesan, waktu_kirim)
    VALUES (NEW.id_user, CONCAT('Kendaraan ', NEW.plat, ' sudah terdaftar.'), NOW());
END//

CREATE TRIGGER trg_kendaraan_after_delete AFTER DELETE ON kendaraan FOR EACH ROW
BEGIN
  INSERT INTO Notifikasi (id_user, pesan, waktu_kirim)
    VALUES (OLD.id_user, CONCAT('Kendaraan ', OLD.plat, ' sudah dihapus.'), NOW());
END//

CREATE TRIGGER trg_parkiran_before_insert BEFORE INSERT ON parkiran FOR EACH ROW
BEGIN
  IF NEW.kapasitas < 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Kapasitas tidak boleh kurang dari nol';
  END IF;
END//

CREATE TRIGGER trg_parkiran_before_update BEFORE UPDATE ON parkiran FOR EACH ROW
BEGIN
  SET @batas := (SELECT m.kapasitas FROM mall m WHERE m.id_mall = NEW.id_mall);
  IF NEW.kapasitas > @batas THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Kapasitas lebih besar daripada kapasitas mall';
  END IF;
END//

CREATE TRIGGER trg_parkiran_after_update AFTER UPDATE ON parkiran FOR EACH ROW
BEGIN
  IF NEW.status = 'Ditutup' AND OLD.status = 'Tersedia' THEN
    INSERT INTO Notifikasi (id_user, pesan, waktu_kirim)
      SELECT a.id_user, CONCAT('Parkiran di ', m.nama_mall, ' ditutup'), NOW()
      FROM Admin_Mall a JOIN User u ON u.id_user = a.id_user JOIN Mall m ON m.id_mall = a.id_mall
      WHERE a.id_mall = NEW.id_mall;
  END IF;
END//

CREATE TRIGGER trg_parkiran_after_update_full_notify AFTER UPDATE ON parkiran FOR EACH ROW
BEGIN
  IF OLD.kapasitas > 0 AND NEW.kapasitas = 0 THEN
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      SELECT a.id_user, CONCAT('Parkiran di ', m.nama_mall, ' penuh.'), NOW()
      FROM admin_mall a JOIN mall m ON m.id_mall = NEW.id_mall;
  END IF;
END//

CREATE TRIGGER trg_tarif_before_insert BEFORE INSERT ON tarif_parkir FOR EACH ROW
BEGIN
  IF NEW.satu_jam_pertama < 0 OR NEW.tarif_parkir_per_jam < 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Tarif tidak boleh kurang dari nol';
  END IF;
  IF EXISTS (SELECT 1 FROM tarif_parkir t
             WHERE t.id_mall = NEW.id_mall AND t.jenis_kendaraan = NEW.jenis_kendaraan) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Mall ini sudah punya tarif untuk jenis kendaraan itu';
  END IF;
END//

CREATE TRIGGER trg_tarif_after_update_notify AFTER UPDATE ON tarif_parkir FOR EACH ROW
BEGIN
  IF NEW.satu_jam_pertama <> OLD.satu_jam_pertama OR NEW.tarif_parkir_per_jam <> OLD.tarif_parkir_per_jam THEN
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      SELECT a.id_user, CONCAT('Tarif ', NEW.jenis_kendaraan, ' berubah.'), NOW()
      FROM admin_mall a WHERE a.id_mall = NEW.id_mall;
  END IF;
END//

CREATE TRIGGER trg_transaksi_before_insert_unique BEFORE INSERT ON transaksi_parkir FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM transaksi_parkir t
             WHERE t.id_kendaraan = NEW.id_kendaraan AND t.waktu_keluar IS NULL) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Kendaraan ini masih di dalam';
  END IF;
END//

CREATE TRIGGER trg_transaksi_after_insert AFTER INSERT ON transaksi_parkir FOR EACH ROW
BEGIN
  UPDATE Parkiran SET kapasitas = kapasitas - 1 WHERE id_parkiran = NEW.id_parkiran;
END//

CREATE TRIGGER trg_transaksi_after_insert_gerbang AFTER INSERT ON transaksi_parkir FOR EACH ROW
BEGIN
  DECLARE gerbang_masuk BIGINT UNSIGNED;
  SET gerbang_masuk := (SELECT p.id_gerbang FROM pembayaran p WHERE p.id_transaksi = NEW.id_transaksi LIMIT 1);
  IF gerbang_masuk IS NOT NULL THEN
    INSERT INTO riwayat_gerbang (id_gerbang, aksi, status_sebelum, status_sesudah)
      VALUES (gerbang_masuk, 'terbuka', 'tertutup', 'terbuka');
  END IF;
END//

CREATE TRIGGER trg_transaksi_before_update_keluar BEFORE UPDATE ON transaksi_parkir FOR EACH ROW
BEGIN
  IF OLD.waktu_keluar IS NULL AND NEW.waktu_keluar IS NOT NULL THEN
    IF NOT EXISTS (SELECT 1 FROM pembayaran p
                   WHERE p.id_transaksi = NEW.id_transaksi AND p.status = 'berhasil') THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Bayar dulu sebelum keluar';
    END IF;
  END IF;
END//

CREATE TRIGGER trg_transaksi_after_update AFTER UPDATE ON transaksi_parkir FOR EACH ROW
BEGIN
  IF OLD.waktu_keluar IS NULL AND NEW.waktu_keluar IS NOT NULL THEN
    SET @jam := TIMESTAMPDIFF(HOUR, NEW.waktu_masuk, NEW.waktu_keluar);
    SET @jenis := (SELECT k.jenis FROM kendaraan k WHERE k.id_kendaraan = NEW.id_kendaraan);
    SET @pertama := (SELECT t.satu_jam_pertama FROM tarif_parkir t
                     WHERE t.id_mall = NEW.id_mall AND t.jenis_kendaraan = @jenis LIMIT 1);
    SET @berikut := (SELECT t.tarif_parkir_per_jam FROM tarif_parkir t
                     WHERE t.id_mall = NEW.id_mall AND t.jenis_kendaraan = @jenis LIMIT 1);
    UPDATE transaksi_parkir
      SET durasi = @jam, biaya = @pertama + GREATEST(@jam - 1, 0) * @berikut
      WHERE id_transaksi = NEW.id_transaksi;
    UPDATE parkiran SET kapasitas = kapasitas + 1 WHERE id_parkiran = NEW.id_parkiran;
  END IF;
END//

CREATE TRIGGER trg_transaksi_after_update_notif AFTER UPDATE ON transaksi_parkir FOR EACH ROW
BEGIN
  IF OLD.waktu_keluar IS NULL AND NEW.waktu_keluar IS NOT NULL THEN
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      VALUES (NEW.id_user, CONCAT('Parkir #', NEW.id_transaksi, ' selesai, biaya Rp', NEW.biaya), NOW());
  END IF;
END//

CREATE TRIGGER trg_booking_before_insert BEFORE INSERT ON booking FOR EACH ROW
BEGIN
  SET @sisa := (SELECT p.kapasitas FROM Parkiran p JOIN Transaksi_Parkir t ON t.id_parkiran = p.id_parkiran
                WHERE t.id_transaksi = NEW.id_transaksi);
  IF @sisa <= 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Tidak ada tempat lagi untuk booking ini';
  END IF;
END//

CREATE TRIGGER trg_booking_before_insert_unique BEFORE INSERT ON booking FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM booking b JOIN transaksi_parkir t ON t.id_transaksi = b.id_transaksi
             WHERE b.status = 'aktif' AND t.id_kendaraan =
               (SELECT s.id_kendaraan FROM transaksi_parkir s WHERE s.id_transaksi = NEW.id_transaksi)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Kendaraan ini masih punya booking aktif';
  END IF;
END//

CREATE TRIGGER trg_booking_after_insert AFTER INSERT ON booking FOR EACH ROW
BEGIN
  UPDATE Parkiran SET kapasitas = kapasitas - 1
    WHERE id_parkiran = (SELECT t.id_parkiran FROM Transaksi_Parkir t WHERE t.id_transaksi = NEW.id_transaksi);
END//

CREATE TRIGGER trg_booking_after_update AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF OLD.status = 'aktif' AND NEW.status IN ('selesai', 'expired') THEN
    UPDATE Parkiran SET kapasitas = kapasitas + 1
      WHERE id_parkiran = (SELECT t.id_parkiran FROM Transaksi_Parkir t WHERE t.id_transaksi = NEW.id_transaksi);
  END IF;
END//

CREATE TRIGGER trg_booking_after_update_expired_poin AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'expired' AND OLD.status <> 'expired' AND EXISTS (
      SELECT 1 FROM pembayaran p
      WHERE p.id_transaksi = NEW.id_transaksi AND p.metode = 'poin' AND p.status = 'berhasil') THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    SET @bayar := (SELECT p.nominal FROM pembayaran p
                   WHERE p.id_transaksi = NEW.id_transaksi AND p.status = 'berhasil' LIMIT 1);
    INSERT INTO riwayat_poin (id_user, id_transaksi, poin, perubahan, keterangan, waktu)
      VALUES (@pemilik, NEW.id_transaksi, FLOOR(@bayar / 10), 'kurang', 'Penalti booking lewat waktu', NOW());
  END IF;
END//

CREATE TRIGGER trg_booking_after_update_notif AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'expired' AND OLD.status <> 'expired' THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      VALUES (@pemilik, CONCAT('Booking #', NEW.id_transaksi, ' lewat waktu.'), NOW());
  END IF;
END//

CREATE TRIGGER trg_booking_after_update_penalty AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'expired' AND OLD.status <> 'expired' THEN
    SET @denda := (SELECT r.tarif_parkir_per_jam
                   FROM transaksi_parkir t
                   JOIN kendaraan k ON k.id_kendaraan = t.id_kendaraan
                   JOIN tarif_parkir r ON r.id_mall = t.id_mall AND r.jenis_kendaraan = k.jenis
                   WHERE t.id_transaksi = NEW.id_transaksi LIMIT 1);
    UPDATE transaksi_parkir SET penalty = penalty + @denda WHERE id_transaksi = NEW.id_transaksi;
  END IF;
END//

CREATE TRIGGER trg_pembayaran_before_insert BEFORE INSERT ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.nominal <= 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Nominal harus lebih dari nol';
  END IF;
  IF NEW.metode = 'poin' THEN
    SET @saldo := (SELECT u.saldo_poin FROM user u JOIN transaksi_parkir t ON t.id_user = u.id_user
                   WHERE t.id_transaksi = NEW.id_transaksi);
    IF @saldo < NEW.nominal THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Saldo poin tidak cukup';
    END IF;
  END IF;
END//

CREATE TRIGGER trg_booking_pembayaran_after_update_poin_bonus AFTER UPDATE ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.status = 'berhasil' AND OLD.status <> 'berhasil' AND NEW.metode <> 'poin'
      AND EXISTS (SELECT 1 FROM booking b WHERE b.id_transaksi = NEW.id_transaksi) THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO riwayat_poin (id_user, id_transaksi, poin, perubahan, keterangan, waktu)
      VALUES (@pemilik, NEW.id_transaksi, FLOOR(NEW.nominal / 1000) * 10, 'tambah', 'Bonus booking', NOW());
  END IF;
END//

CREATE TRIGGER trg_pembayaran_after_update AFTER UPDATE ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.status = 'berhasil' AND OLD.status <> 'berhasil' AND NEW.metode <> 'poin' THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO riwayat_poin (id_user, id_transaksi, poin, perubahan, keterangan, waktu)
      VALUES (@pemilik, NEW.id_transaksi, FLOOR(NEW.nominal / 1000) * 10, 'tambah', 'Bonus parkir', NOW());
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      VALUES (@pemilik, CONCAT('Pembayaran #', NEW.id_transaksi, ' berhasil: Rp', NEW.nominal), NOW());
  END IF;
END//

CREATE TRIGGER trg_pembayaran_after_update_double_poin AFTER UPDATE ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.status = 'berhasil' AND OLD.status <> 'berhasil' AND NEW.metode <> 'poin'
      AND DAYOFWEEK(NOW()) IN (1, 7) THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO riwayat_poin (id_user, id_transaksi, poin, perubahan, keterangan, waktu)
      VALUES (@pemilik, NEW.id_transaksi, FLOOR(NEW.nominal / 1000) * 10, 'tambah', 'Poin ganda akhir pekan', NOW());
  END IF;
END//

CREATE TRIGGER trg_pembayaran_after_update_notif AFTER UPDATE ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.status = 'gagal' AND OLD.status <> 'gagal' THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
      VALUES (@pemilik, CONCAT('Pembayaran #', NEW.id_transaksi, ' gagal, silakan coba lagi.'), NOW());
  END IF;
END//

CREATE TRIGGER trg_pembayaran_after_update_poin AFTER UPDATE ON pembayaran FOR EACH ROW
BEGIN
  IF NEW.status = 'berhasil' AND OLD.status <> 'berhasil' AND NEW.metode = 'poin' THEN
    SET @pemilik := (SELECT t.id_user FROM transaksi_parkir t WHERE t.id_transaksi = NEW.id_transaksi);
    INSERT INTO riwayat_poin (id_user, id_transaksi, poin, perubahan, keterangan, waktu)
      VALUES (@pemilik, NEW.id_transaksi, FLOOR(NEW.nominal / 10), 'kurang', 'Biaya parkir dengan poin', NOW());
  END IF;
END//

CREATE TRIGGER trg_riwayatgerbang_after_insert AFTER INSERT ON riwayat_gerbang FOR EACH ROW
BEGIN
  INSERT INTO notifikasi (id_user, pesan, waktu_kirim)
    SELECT a.id_user, CONCAT('Gerbang ', g.nama_gerbang, ' sekarang ', NEW.status_sesudah), NOW()
    FROM gerbang g JOIN admin_mall a ON a.id_mall = g.id_mall
    WHERE g.id_gerbang = NEW.id_gerbang;
END//

CREATE TRIGGER trg_riwayatpoin_after_insert AFTER INSERT ON riwayat_poin FOR EACH ROW
BEGIN
  IF NEW.perubahan = 'tambah' THEN
    UPDATE user SET saldo_poin = saldo_poin + NEW.poin WHERE id_user = NEW.id_user;
  ELSEIF NEW.perubahan = 'kurang' THEN
    UPDATE user SET saldo_poin = saldo_poin - NEW.poin WHERE id_user = NEW.id_user;
  END IF;
END//

CREATE TRIGGER trg_riwayatpoin_after_insert_notif AFTER INSERT ON riwayat_poin FOR EACH ROW
BEGIN
  DECLARE kabar TEXT;
  IF NEW.perubahan = 'tambah' THEN
    SET kabar = CONCAT('Poin bertambah ', NEW.poin, ': ', NEW.keterangan);
  ELSEIF NEW.perubahan = 'kurang' THEN
    SET kabar = CONCAT('Poin berkurang ', NEW.poin, ': ', NEW.keterangan);
  END IF;
  INSERT INTO notifikasi (id_user, pesan, waktu_kirim) VALUES (NEW.id_user, kabar, NOW());
END//
