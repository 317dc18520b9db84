import YAML

typealias JSONText = JSON
