"""Connectors with a path of their own: those that the library draws itself, in parallel, keeping no list in
Python. A connector that was given its random number generator goes PyNN's way, so that it draws what it
draws with any other back end."""

from pyNN import common, connectors
from pyNN.connectors import *  # noqa: F401, F403
from pyNN.random import NativeRNG

import callosum as cs

from .projections import values_of_rule
from .synapses import StaticSynapse


class _Native:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._own_draw = kwargs.get("rng") is None or isinstance(kwargs["rng"], NativeRNG)

    def connect(self, projection):
        if not self._connect_by_rule(projection):
            super().connect(projection)

    def _connect_by_rule(self, projection):
        groups = (projection.pre, projection.post)
        if (not self._own_draw or type(projection.synapse_type) is not StaticSynapse
                or any(isinstance(g, common.Assembly) for g in groups)):
            return False
        same = groups[0]._population is groups[1]._population
        if self.allow_self_connections is not True and (
                self.allow_self_connections == "NoMutual"
                or same and list(groups[0]._own) != list(groups[1]._own)):
            return False
        values = values_of_rule(projection.synapse_type.native_parameters)
        rule = self._rule(projection)
        if values is None or rule is None:
            return False
        if self.safe and not hasattr(values["weight"], "name"):
            for name, check in projection.synapse_type.parameter_checks.items():
                check(values[name], projection)
        if same and not self.allow_self_connections:
            rule = rule.without_autapses()
        projection._use_rule(rule, values)
        return True


class AllToAllConnector(_Native, connectors.AllToAllConnector):
    __doc__ = connectors.AllToAllConnector.__doc__

    def _rule(self, projection):
        return cs.all_to_all()


class FixedProbabilityConnector(_Native, connectors.FixedProbabilityConnector):
    __doc__ = connectors.FixedProbabilityConnector.__doc__

    def _rule(self, projection):
        return cs.fixed_probability(min(self.p_connect, 1.0))


class _FixedNumber(_Native):
    def _rule(self, projection):
        if not isinstance(self.n, int) or self.n == 0:
            return None
        possible = self._possible(projection) - (0 if self.allow_self_connections else 1)
        if not self.with_replacement and self.n > possible:
            return None
        rule = self._make(self.n)
        return rule if self.with_replacement else rule.without_multapses()


class FixedNumberPreConnector(_FixedNumber, connectors.FixedNumberPreConnector):
    __doc__ = connectors.FixedNumberPreConnector.__doc__
    _make = staticmethod(cs.fixed_indegree)

    def _possible(self, projection):
        return projection.pre.size


class FixedNumberPostConnector(_FixedNumber, connectors.FixedNumberPostConnector):
    __doc__ = connectors.FixedNumberPostConnector.__doc__
    _make = staticmethod(cs.fixed_outdegree)

    def _possible(self, projection):
        return projection.post.size


class FixedTotalNumberConnector(_FixedNumber, connectors.FixedTotalNumberConnector):
    __doc__ = connectors.FixedTotalNumberConnector.__doc__
    _make = staticmethod(cs.fixed_total_number)

    def _possible(self, projection):
        return projection.pre.size * projection.post.size
