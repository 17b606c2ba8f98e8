from yaml import unsafe_load
c = unsafe_load(open("c.yml"))
