using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace CloudScale;

/// <summary>A function that can be called by name.</summary>
/// <param name="self">The process it runs in: a fresh one for a call from another node. It may use it as its own.</param>
/// <param name="arguments">As many as its arity says.</param>
/// <returns>Any term.</returns>
/// <exception cref="ErlangException">How a function of Erlang fails; any other exception becomes an error <c>{Type, Message}</c>.</exception>
public delegate ProcessTask<object> FunctionBody(Self self, List arguments);

/// <summary>The functions of a node that can be called by name: by <c>rpc</c>, <c>erpc</c> and <c>spawn</c> of other nodes. Nothing else can be called from outside.</summary>
/// <remarks>Threads: any. What is not here is <c>undef</c>; the first time a name is asked for in vain is logged, and each time counted.</remarks>
public sealed partial class FunctionTable
{
    // Names come from other nodes: they must not fill the memory or the log.
    private const int MaxRemembered = 256;

    private readonly ConcurrentDictionary<FunctionName, FunctionBody> _functions = new();
    private readonly ConcurrentDictionary<FunctionName, byte> _undefined = new();
    private readonly ILogger _logger;
    private long _undefinedCalls;

    internal FunctionTable(ILogger logger) => _logger = logger;

    /// <summary>Calls of functions that are not here, so far.</summary>
    public long UndefinedCalls => Volatile.Read(ref _undefinedCalls);

    /// <summary>The modules that have functions here.</summary>
    public IReadOnlyCollection<Atom> Modules => [.. _functions.Keys.Select(name => name.Module).Distinct()];

    /// <summary>Exports a function; one of the same name and arity is replaced.</summary>
    /// <param name="module">The module.</param>
    /// <param name="function">The function.</param>
    /// <param name="arity">How many arguments it takes.</param>
    /// <param name="body">What it does.</param>
    public void Export(Atom module, Atom function, int arity, FunctionBody body)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfNegative(arity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arity, byte.MaxValue);
        _functions[new FunctionName(module, function, arity)] = body;
    }

    /// <summary>Exports the functions of a class marked with <see cref="ErlangModuleAttribute"/>.</summary>
    public void Export(IErlangModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        module.ExportTo(this);
    }

    /// <summary>Takes a function back; false if it was not here. Calls of it that run go on.</summary>
    public bool Remove(Atom module, Atom function, int arity) => _functions.TryRemove(new FunctionName(module, function, arity), out _);

    /// <summary>Whether a function can be called.</summary>
    public bool Contains(Atom module, Atom function, int arity) => _functions.ContainsKey(new FunctionName(module, function, arity));

    /// <summary>The functions of a module, as <c>{Function, Arity}</c>.</summary>
    public IReadOnlyList<(Atom Function, int Arity)> FunctionsOf(Atom module) =>
        [.. _functions.Keys.Where(name => ReferenceEquals(name.Module, module)).Select(name => (name.Function, name.Arity))];

    /// <summary>Calls a function in this process; Erlang's <c>apply(Module, Function, Arguments)</c>.</summary>
    /// <exception cref="ErlangException">It is <c>undef</c>, or fails in Erlang's way.</exception>
    public ProcessTask<object> Apply(Self self, Atom module, Atom function, List arguments)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        if (!arguments.IsProper)
            throw ErlangException.BadArgument();
        FunctionName name = new(module, function, arguments.Count);
        return _functions.TryGetValue(name, out FunctionBody? body) ? body(self, arguments) : ThrowUndefined(name, arguments);
    }

    [DoesNotReturn]
    private ProcessTask<object> ThrowUndefined(FunctionName name, List arguments)
    {
        Interlocked.Increment(ref _undefinedCalls);
        if (_undefined.Count < MaxRemembered && _undefined.TryAdd(name, 0))
            LogUndefined(_logger, name.Module, name.Function, name.Arity);
        throw new ErlangException(
            ErlangClass.Error,
            FunctionAtoms.Undef,
            List.Of(Tuple.Of(name.Module, name.Function, arguments, List.Empty))
        );
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Module}:{Function}/{Arity} was called and is not exported: undef. Further calls of it are counted only."
    )]
    private static partial void LogUndefined(ILogger logger, Atom module, Atom function, int arity);

    /// <summary>Module, function and arity.</summary>
    private readonly record struct FunctionName(Atom Module, Atom Function, int Arity);
}
