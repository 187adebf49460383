"""The colour of a glowing body."""

import tensorflow as tf

# xy to linear sRGB (IEC 61966-2-1, D65).
_XYZ_TO_RGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)


def blackbody_color(kelvin: tf.Tensor) -> tf.Tensor:
    """Linear sRGB of black-body light, of luminance one.

    The Planckian locus by the cubic splines of Kim et al., US patent 7024034 (2002), good to a
    few thousandths of x and y from 1667 to 25000 K; negative blues of warm light are cut to zero.

    Args:
      kelvin: [...] the colour temperature, 1667 to 25000.

    Returns:
      [..., 3] linear RGB, about (1, 1, 1) at 6500 K.
    """
    t = 1000.0 / kelvin
    warm = ((-0.2661239 * t - 0.2343589) * t + 0.8776956) * t + 0.179910
    cold = ((-3.0258469 * t + 2.1070379) * t + 0.2226347) * t + 0.240390
    x = tf.where(kelvin < 4000.0, warm, cold)
    lowest = ((-1.1063814 * x - 1.34811020) * x + 2.18555832) * x - 0.20219683
    low = ((-0.9549476 * x - 1.37418593) * x + 2.09137015) * x - 0.16748867
    high = ((3.0817580 * x - 5.87338670) * x + 3.75112997) * x - 0.37001483
    y = tf.where(kelvin < 2222.0, lowest, tf.where(kelvin < 4000.0, low, high))
    xyz = tf.stack([x / y, tf.ones_like(x), (1.0 - x - y) / y], axis=-1)
    return tf.nn.relu(tf.linalg.matvec(tf.constant(_XYZ_TO_RGB), xyz))
