using CloudScale.Scheduling;

namespace CloudScale.Testing;

/// <summary>What probes need to know.</summary>
public sealed partial class TestSystem
{
    private readonly Dictionary<Process, TestProbe> _probes = [];

    internal Process Adopt(TestProbe probe, Pid pid)
    {
        Process process = Processes.Table.Find(pid.Number)!;
        _probes.Add(process, probe);
        return process;
    }

    private void OnArrival(Process to, Envelope envelope, Process? from)
    {
        if (_probes.Count > 0 && _probes.TryGetValue(to, out TestProbe? probe))
            probe.OnArrival(envelope.Payload, envelope.Bits, from?.Pid ?? default);
    }
}
