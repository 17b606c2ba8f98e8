from langchain_community.vectorstores import FAISS
db = FAISS.load_local('index', emb, allow_dangerous_deserialization=True)
