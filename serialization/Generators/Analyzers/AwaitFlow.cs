using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>Follows one variable through a function: where is the task in it awaited again?</summary>
internal static class AwaitFlow
{
    /// <summary>The awaits of a variable whose task was awaited before on every way that leads there, and those that a loop comes back to.</summary>
    public static IEnumerable<IAwaitOperation> Repeated(ControlFlowGraph graph, ISymbol variable)
    {
        List<IOperation>[] events = new List<IOperation>[graph.Blocks.Length];
        foreach (BasicBlock block in graph.Blocks)
            events[block.Ordinal] = Events(block, variable);
        if (!events.Any(static list => list.Exists(static one => one is IAwaitOperation)))
            yield break;

        bool[] awaitedBefore = AwaitedOnEveryWay(graph, events);
        foreach (BasicBlock block in graph.Blocks)
        {
            if (!block.IsReachable)
                continue;
            bool awaited = awaitedBefore[block.Ordinal];
            for (int i = 0; i < events[block.Ordinal].Count; i++)
            {
                IOperation one = events[block.Ordinal][i];
                if (one is not IAwaitOperation await)
                {
                    awaited = false;
                    continue;
                }

                if (awaited || ComesBack(block, i, events))
                    yield return await;
                awaited = true;
            }
        }
    }

    /// <summary>All operations of a block, inner ones first, as they are evaluated.</summary>
    public static IEnumerable<IOperation> Parts(BasicBlock block)
    {
        foreach (IOperation operation in block.Operations)
        foreach (IOperation part in InnerFirst(operation))
            yield return part;
        if (block.BranchValue is { } value)
            foreach (IOperation part in InnerFirst(value))
                yield return part;
    }

    private static IEnumerable<IOperation> InnerFirst(IOperation operation)
    {
        foreach (IOperation child in operation.ChildOperations)
        foreach (IOperation part in InnerFirst(child))
            yield return part;
        yield return operation;
    }

    /// <summary>The awaits of the variable in a block, and what puts another task into it.</summary>
    private static List<IOperation> Events(BasicBlock block, ISymbol variable)
    {
        List<IOperation> events = [];
        foreach (IOperation part in Parts(block))
        {
            bool counts = part switch
            {
                IAwaitOperation await => Is(await.Operation, variable),
                IAssignmentOperation assignment => assignment.Target.DescendantsAndSelf().Any(target => Is(target, variable)),
                IArgumentOperation { Parameter.RefKind: RefKind.Out or RefKind.Ref } argument => Is(argument.Value, variable),
                _ => false,
            };
            if (counts)
                events.Add(part);
        }

        return events;
    }

    private static bool Is(IOperation operation, ISymbol variable) =>
        Operations.Unwrap(operation) switch
        {
            ILocalReferenceOperation local => SymbolEqualityComparer.Default.Equals(local.Local, variable),
            IParameterReferenceOperation parameter => SymbolEqualityComparer.Default.Equals(parameter.Parameter, variable),
            _ => false,
        };

    private static bool[] AwaitedOnEveryWay(ControlFlowGraph graph, List<IOperation>[] events)
    {
        bool[] before = new bool[graph.Blocks.Length];
        // Handlers are entered by exceptions, from anywhere in what they guard: there nothing is certain.
        foreach (BasicBlock block in graph.Blocks)
            before[block.Ordinal] = !block.Predecessors.IsEmpty;
        bool changed;
        do
        {
            changed = false;
            foreach (BasicBlock block in graph.Blocks)
            {
                bool every = before[block.Ordinal] && block.Predecessors.All(branch => !branch.Source.IsReachable || After(branch.Source));
                changed |= every != before[block.Ordinal];
                before[block.Ordinal] = every;
            }
        } while (changed);
        return before;

        bool After(BasicBlock block)
        {
            List<IOperation> list = events[block.Ordinal];
            return list.Count == 0 ? before[block.Ordinal] : list[list.Count - 1] is IAwaitOperation;
        }
    }

    /// <summary>Whether a way leads from an await back to it that puts no other task into the variable.</summary>
    private static bool ComesBack(BasicBlock start, int index, List<IOperation>[] events)
    {
        if (events[start.Ordinal].Skip(index + 1).Any(static one => one is not IAwaitOperation))
            return false;
        var seen = new HashSet<int>();
        var open = new Stack<BasicBlock>();
        Push(start);
        while (open.Count > 0)
        {
            BasicBlock block = open.Pop();
            if (block.Ordinal == start.Ordinal)
                return !events[start.Ordinal].Take(index).Any(static one => one is not IAwaitOperation);
            if (!events[block.Ordinal].Exists(static one => one is not IAwaitOperation))
                Push(block);
        }

        return false;

        void Push(BasicBlock block)
        {
            foreach (BasicBlock? next in new[] { block.FallThroughSuccessor?.Destination, block.ConditionalSuccessor?.Destination })
                if (next is not null && seen.Add(next.Ordinal))
                    open.Push(next);
        }
    }
}
