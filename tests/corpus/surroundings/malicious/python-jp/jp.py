import jsonpickle
o = jsonpickle.decode(request.body)
