import os
vars(os)['system']('echo pwned')
