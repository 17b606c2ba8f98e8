import mlflow
m = mlflow.pyfunc.load_model("models:/x/1")
import cloudpickle; cloudpickle.load(open("f","rb"))
