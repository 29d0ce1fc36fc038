using CloudScale.Runtime.Applications;
using CloudScale.Runtime.Global;
using CloudScale.Runtime.ProcessGroups;
using CloudScale.Runtime.Registry;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>Exports what a node allows of Erlang's own functions.</summary>
internal static class StandardModules
{
    internal static void Export(Node node, StandardFunctions allowed)
    {
        FunctionTable functions = node.Functions;
        SystemInfoTerms system = new(node.Processes, node.Clock);
        if (allowed.HasFlag(StandardFunctions.Introspection))
        {
            ErlangQuestions.Export(functions, node, system);
            new ObserverBackend(node, system).Export(functions);
            ErlangTrace.Export(functions, node);
            OtherModules.ExportQuestions(functions, node);
            GlobalModule.ExportQuestions(functions, node);
            PgModule.ExportQuestions(functions, node);
            GprocModule.ExportQuestions(functions, node);
            ApplicationModule.ExportQuestions(functions, node);
        }

        if (allowed.HasFlag(StandardFunctions.Messages))
        {
            ErlangMessages.Export(functions, node);
            OtherModules.ExportMessages(functions, node);
            GlobalModule.ExportMessages(functions, node);
            PgModule.ExportMessages(functions, node);
            GprocModule.ExportMessages(functions, node);
        }

        if (allowed.HasFlag(StandardFunctions.Calls))
            ErlangCalls.Export(functions, node);
        if (allowed.HasFlag(StandardFunctions.Control))
        {
            ErlangControl.Export(functions, node);
            ApplicationModule.ExportControl(functions, node);
        }

        if (allowed.HasFlag(StandardFunctions.Halt))
            ErlangControl.ExportHalt(functions, node);
    }
}
