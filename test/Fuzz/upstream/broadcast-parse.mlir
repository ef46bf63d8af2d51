// A list of dimensions without an end.
func.func @spread(%x: tensor<f32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.broadcast ins(%x : tensor<f32>) outs(%y : tensor<?xf32>) dimensions = [0
  return %r : tensor<?xf32>
}
