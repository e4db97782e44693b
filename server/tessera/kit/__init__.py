"""The toolbox: what every slice uses, without one word of ticketing."""
