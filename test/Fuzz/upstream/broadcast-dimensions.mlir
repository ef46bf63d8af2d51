// The verifier of linalg.broadcast counts on different dimensions.
func.func @spread(%x: tensor<f32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = linalg.broadcast ins(%x : tensor<f32>) outs(%y : tensor<?x?xf32>) dimensions = [0, 0]
  return %r : tensor<?x?xf32>
}
