"""Archives in a bucket of S3: AWS, MinIO, Cloudflare R2, Ceph and whoever speaks like them."""
