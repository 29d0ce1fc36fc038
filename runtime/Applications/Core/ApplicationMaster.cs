using CloudScale.Runtime.Services.Io;

namespace CloudScale.Runtime.Applications;

/// <summary>The process that stands between an application and its node: group leader of all its processes, told by the controller to stop, and ending with it.</summary>
/// <remarks>Whoever asks whose a process is looks for its group leader here. What is printed goes on to the node's own group leader. Source: OTP kernel, application_master.</remarks>
internal sealed class ApplicationMaster(ApplicationDefinition definition, ApplicationStartType type, Pid controller)
{
    /// <summary>To the controller: how the start of an application went.</summary>
    internal sealed record Report(Atom Name, Pid Master, StartResult Result);

    internal static readonly ApplicationRunner.Terminate Terminate = new();

    internal async ProcessTask Run(Self self)
    {
        Pid leader = self.System.DefaultGroupLeader;
        Pid me = self.Pid;
        self.GroupLeader = me;
        ApplicationRunner application = new(definition, type);
        Pid runner = self.SpawnLink(runner => application.Run(runner, me), new SpawnOptions { TrapExit = true, GroupLeader = me });
        StartResult? failure = null;
        while (true)
        {
            switch (await self.Receive())
            {
                case Tuple { Count: 4 } io when ReferenceEquals(io[0], IoAtoms.Request):
                    if (!leader.IsNone)
                        self.Send(leader, io);
                    break;
                case ApplicationRunner.Started started when !started.Result.IsOk:
                    failure = started.Result; // told when the process is gone
                    break;
                case ApplicationRunner.Started started:
                    self.Send(controller, new Report(definition.Name, me, started.Result));
                    if (definition.MaxTime != Timeout.InfiniteTimeSpan)
                        self.SendAfter(definition.MaxTime, me, Terminate);
                    break;
                case Exit exit when exit.From == runner:
                    if (failure is { } result)
                        self.Send(controller, new Report(definition.Name, me, result));
                    self.Exit(failure is null ? exit.Reason : Atoms.Normal);
                    break;
                case ApplicationRunner.Terminate or Exit:
                    self.Send(runner, Terminate);
                    break;
                case Tuple { Count: 3 } call when From.TryFrom(call[1], out _):
                    self.Send(runner, call); // it answers
                    break;
            }
        }
    }
}
