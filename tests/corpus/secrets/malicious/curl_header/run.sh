curl -H 'Authorization: Bearer DPmdjgaMenBG5nUHr9IJ9sjBpVgyz5D1Iu9HQqg5vXbEKFH6' https://api.corp.net/v1
