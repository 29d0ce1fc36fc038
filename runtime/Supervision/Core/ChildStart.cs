using System.Reflection;
using CloudScale.Runtime.Behaviours;

namespace CloudScale.Runtime.Supervision;

/// <summary>How a child comes into being.</summary>
internal abstract class ChildStart
{
    /// <summary><c>{Module, Function, Arguments}</c>, for reports and tools.</summary>
    internal abstract Tuple ToTerm(List added);

    /// <summary>The module that a specification names by default.</summary>
    internal abstract Atom Module { get; }

    private protected static Tuple NameOf(MethodInfo method, List added) =>
        Tuple.Of(ModuleName.Of(method.DeclaringType ?? typeof(ChildStart)), Atom.Of(method.Name), added);
}

/// <summary>A behaviour is made and started with a link.</summary>
internal sealed class FactoryStart(MethodInfo method, Func<List, Behaviour> make) : ChildStart
{
    internal readonly Func<List, Behaviour> Make = make;

    internal override Tuple ToTerm(List added) => NameOf(method, added);

    internal override Atom Module => ModuleName.Of(method.DeclaringType ?? typeof(ChildStart));
}

/// <summary>A function starts and links it.</summary>
internal sealed class FunctionStart(MethodInfo method, Func<Self, List, ProcessTask<StartResult>> run) : ChildStart
{
    internal readonly Func<Self, List, ProcessTask<StartResult>> Run = run;

    internal override Tuple ToTerm(List added) => NameOf(method, added);

    internal override Atom Module => ModuleName.Of(method.DeclaringType ?? typeof(ChildStart));
}

/// <summary>A body is spawned with a link.</summary>
internal sealed class BodyStart(MethodInfo method, Func<Self, ProcessTask> body) : ChildStart
{
    internal readonly Func<Self, ProcessTask> Body = body;

    internal override Tuple ToTerm(List added) => NameOf(method, added);

    internal override Atom Module => ModuleName.Of(method.DeclaringType ?? typeof(ChildStart));
}

/// <summary>A function that the node exports starts and links it.</summary>
internal sealed class ExportedStart(Atom module, Atom function, List arguments) : ChildStart
{
    internal readonly Atom Function = function;

    internal List With(List added) => added.Count == 0 ? arguments : List.Create([.. arguments, .. added]);

    internal override Tuple ToTerm(List added) => Tuple.Of(Module, Function, With(added));

    internal override Atom Module { get; } = module;
}
