exec("import os\nos.system('echo pwned')\n")
