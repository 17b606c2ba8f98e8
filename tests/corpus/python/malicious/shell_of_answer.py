import subprocess

def act(llm_response):
    subprocess.run(llm_response, shell=True)
