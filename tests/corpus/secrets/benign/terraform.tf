variable "password" {
  type = string
}
resource "x" "y" {
  password = var.password
  key_name = "deployer-key-2024"
}
