import cloudpickle
m = cloudpickle.loads(data)
