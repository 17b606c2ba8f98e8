CREATE TABLE t (id INT PRIMARY KEY, token VARCHAR(64), password_hash CHAR(60), api_key_id UUID);
