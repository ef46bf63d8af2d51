// The parser of linalg.transpose goes on after an attribute that it did not get.
func.func @transposed(%a: tensor<3x2xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = linalg.transpose ins(%a : tensor<3x2xf32>) outs(%b : tensor<2x3xf32>) permutation = [1? 0]
  return %r : tensor<2x3xf32>
}
