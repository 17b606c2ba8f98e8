URL = 'postgresql://robot:v1NJNv1gvg9tyc7dIv@db.models.internal.corp.net:5432/x'
