"""Recordings as Neo objects, for Elephant and other tools of electrophysiology."""

__all__ = ["to_neo"]


def to_neo(recording, name=None):
    """A neo.Segment: one SpikeTrain a neuron of each recorded population (annotated with
    `population` and `neuron`), one AnalogSignal a trace. Needs the package neo."""
    import neo
    import quantities as pq

    segment = neo.Segment(name=name or recording.network)
    stop = recording.duration_ms * pq.ms
    for record in recording.spikes:
        for neuron, train in enumerate(record.trains()):
            segment.spiketrains.append(
                neo.SpikeTrain(train, units="ms", t_start=0 * pq.ms, t_stop=stop,
                               sampling_period=recording.dt_ms * pq.ms, name=record.population,
                               population=record.population, neuron=neuron))
    for trace in recording.traces:
        times = trace.times_ms
        period = times[1] - times[0] if len(times) > 1 else recording.dt_ms
        segment.analogsignals.append(
            neo.AnalogSignal(trace.values, units=trace.unit or "dimensionless",
                             sampling_period=period * pq.ms, t_start=times[0] * pq.ms,
                             name=f"{trace.population}.{trace.variable}",
                             population=trace.population, variable=trace.variable,
                             neurons=trace.indices.tolist()))
    return segment
