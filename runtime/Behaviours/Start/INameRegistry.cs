namespace CloudScale;

/// <summary>A place where processes are found by names that are no atoms of one node: OTP's <c>global</c> and whatever stands behind <c>{via, Module, Name}</c>.</summary>
/// <remarks>
/// Threads: any. The methods run in the process that asks and may wait, for other nodes say. An implementation monitors whom it names, and forgets who has exited. Source: OTP, gen_server,
/// <c>server_name()</c>.
/// </remarks>
public interface INameRegistry
{
    /// <summary>The name as Erlang writes it: <c>{global, Name}</c> or <c>{via, Module, Name}</c>.</summary>
    object ToTerm(object name);

    /// <summary>Registers a process unless the name is taken.</summary>
    ProcessTask<bool> Register(Self self, object name, Pid pid);

    /// <summary>Frees a name; nothing happens if it is free.</summary>
    ProcessTask Unregister(Self self, object name);

    /// <summary>Who bears the name; <c>default</c> for nobody.</summary>
    ProcessTask<Pid> WhereIs(Self self, object name);
}
