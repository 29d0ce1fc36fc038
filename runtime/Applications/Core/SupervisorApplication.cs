namespace CloudScale.Runtime.Applications;

/// <summary>An application that is its top supervisor.</summary>
internal sealed class SupervisorApplication(Func<Supervisor> supervisor, StartOptions? options) : Application
{
    protected internal override ProcessTask<StartResult> Start(Self self, ApplicationStartType type) =>
        self.StartLink(supervisor(), options);
}
