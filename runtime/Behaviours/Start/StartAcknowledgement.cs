using CloudScale.Runtime.Behaviours;

namespace CloudScale;

/// <summary>By which an async body tells its starter how its start went: OTP's <c>proc_lib:init_ack</c> and <c>init_fail</c>.</summary>
/// <remarks>Threads: the process that was started. The first word counts, and there must be one: a body that ends without it fails the start.</remarks>
public sealed class StartAcknowledgement
{
    private readonly Origin _origin;
    private bool _isDone;

    internal StartAcknowledgement(Origin origin) => _origin = origin;

    /// <summary>The process runs.</summary>
    public void Ok(Self self) => Tell(self, StartResult.Ok(self.Pid));

    /// <summary>The process need not run. It should end now.</summary>
    public void Ignore(Self self) => Tell(self, StartResult.Ignore);

    /// <summary>The start has failed. The process should end now; its name must be free by then.</summary>
    public void Fail(Self self, object reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Tell(self, StartResult.Failed(reason));
    }

    internal void Tell(Self self, in StartResult result)
    {
        if (_isDone)
            return;
        _isDone = true;
        _origin.Acknowledge(self, result);
    }
}
