SECRET_NAME = "projects/my-project/secrets/api-key/versions/3"
KEY_VAULT_URL = "https://vault-prod-01.vault.azure.net/"
TOKEN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
PASSWORD_FIELD = "user_password_input_field"
API_VERSION = "2024-02-15-preview"
AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"
access_token_lifetime = 3600
secret_key_base_path = "config/secrets/production_2024.yml"
