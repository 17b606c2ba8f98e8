from langchain.agents import create_csv_agent
a = create_csv_agent(llm, "x.csv", allow_dangerous_code=True)
