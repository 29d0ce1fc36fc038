namespace CloudScale;

/// <summary>The three ways in which a function of Erlang can fail to return.</summary>
public enum ErlangClass
{
    /// <summary><c>error(Reason)</c>: something is wrong.</summary>
    Error,

    /// <summary><c>exit(Reason)</c>: the process wants to end.</summary>
    Exit,

    /// <summary><c>throw(Value)</c>: a return by another way.</summary>
    Throw,
}

/// <summary>Classes as terms.</summary>
public static class ErlangClassExtensions
{
    /// <summary>The class as Erlang writes it: <c>error</c>, <c>exit</c> or <c>throw</c>.</summary>
    public static Atom ToAtom(this ErlangClass @class) => FunctionAtoms.Of(@class);
}

/// <summary>An exception of Erlang: class, reason and stack. Thrown by an exported function it reaches a caller on another node as that; thrown here it comes from one.</summary>
public class ErlangException : Exception
{
    private const int ShownCharacters = 1_000; // the reason may be another node's

    /// <summary>Makes an exception of this class and reason. Its message has up to 1,000 characters of the reason.</summary>
    /// <param name="class">The class.</param>
    /// <param name="reason">Any term.</param>
    /// <param name="stack">Erlang's stack trace, a list of <c>{Module, Function, ArityOrArguments, Location}</c>; empty where nothing is known.</param>
    public ErlangException(ErlangClass @class, object reason, List? stack = null)
        : base($"{NameOf(@class)}: {Term.FormatUpTo(reason, ShownCharacters)}")
    {
        Class = @class;
        Reason = reason;
        Stack = stack ?? List.Empty;
    }

    /// <summary>How it failed.</summary>
    public ErlangClass Class { get; }

    /// <summary>Why: any term.</summary>
    public object Reason { get; }

    /// <summary>Erlang's stack trace, a list of <c>{Module, Function, ArityOrArguments, Location}</c>; may be empty.</summary>
    public List Stack { get; }

    /// <summary><c>error(Reason)</c>.</summary>
    public static ErlangException Error(object reason) => new(ErlangClass.Error, reason);

    /// <summary><c>exit(Reason)</c>.</summary>
    public static ErlangException Exit(object reason) => new(ErlangClass.Exit, reason);

    /// <summary><c>throw(Value)</c>.</summary>
    public static ErlangException Throw(object value) => new(ErlangClass.Throw, value);

    /// <summary><c>error(badarg)</c>: an argument is not of the kind that the function takes.</summary>
    public static ErlangException BadArgument() => Error(FunctionAtoms.BadArg);

    private static string NameOf(ErlangClass @class) =>
        @class switch
        {
            ErlangClass.Exit => "exit",
            ErlangClass.Throw => "throw",
            _ => "error",
        };
}
