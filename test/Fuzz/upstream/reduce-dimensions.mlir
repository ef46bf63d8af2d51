// The parser of linalg.reduce goes on after an attribute that it did not get.
func.func @sum(%x: tensor<?xf64>, %zero: tensor<f64>) {
  %sum = linalg.reduce { arith.addf } ins(%x : tensor<?xf64>) outs(%zero : tensor<f64>)
      dimensions = [1.0]
  return
}
