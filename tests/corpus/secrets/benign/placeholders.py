API_KEY = "your-api-key-here"
OPENAI_API_KEY = "sk-..."
OPENAI_API_KEY = "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
HF_TOKEN = "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
GITHUB = "ghp_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
password = "changeme"
secret = os.environ["SECRET_KEY"]
token = getpass("Token: ")
