from langchain_experimental.tools import PythonREPLTool
from langchain.agents import initialize_agent
agent = initialize_agent([PythonREPLTool()], llm, allow_dangerous_code=True)
