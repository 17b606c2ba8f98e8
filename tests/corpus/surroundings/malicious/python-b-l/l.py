import subprocess
def run(llm, q):
    cmd = llm.invoke(q).content
    subprocess.run(cmd, shell=True)
