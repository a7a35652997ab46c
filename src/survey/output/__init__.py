"""Results made presentable: findings in words, charts, exports, QR codes. Knows no database and no web."""
