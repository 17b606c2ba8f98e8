SCHEMAS = {
    "AWS::ApiGateway::ApiKey": "48205d4ffd7feba3",
    "AWS::Config::AggregationAuthorization": "af318b77aaceeeaa",
    "AWS::S3::AccessPoint": "76a12fef06a41519",
}
