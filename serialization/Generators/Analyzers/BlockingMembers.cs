using Microsoft.CodeAnalysis;

namespace CloudScale.Serialization.Generators.Analyzers;

/// <summary>The members of the base library that hold their thread until something happens elsewhere.</summary>
/// <remarks>Only what waits for the world: a lock held for a moment, or a look whether a file exists, is none of them. Members of derived types count too.</remarks>
internal static class BlockingMembers
{
    // Before the table that is made of it.
    private static readonly string[] s_stream = ["Read", "ReadAtLeast", "ReadByte", "ReadExactly", "Write", "CopyTo", "Flush"];

    private static readonly Dictionary<string, string[]> s_byType = new()
    {
        ["System.Threading.Thread"] = ["Sleep", "Join"],
        ["System.Threading.WaitHandle"] = ["WaitOne", "WaitAll", "WaitAny", "SignalAndWait"],
        ["System.Threading.Monitor"] = ["Wait"],
        ["System.Threading.SemaphoreSlim"] = ["Wait"],
        ["System.Threading.ManualResetEventSlim"] = ["Wait"],
        ["System.Threading.CountdownEvent"] = ["Wait"],
        ["System.Threading.Barrier"] = ["SignalAndWait"],
        ["System.Threading.SpinWait"] = ["SpinUntil"],
        ["System.Threading.Tasks.Task"] = ["Wait", "WaitAll", "WaitAny"],
        ["System.Threading.Tasks.Task`1"] = ["Result"],
        ["System.Threading.Tasks.ValueTask`1"] = ["Result"],
        ["System.Threading.Tasks.Parallel"] = ["For", "ForEach", "Invoke"],
        ["System.Runtime.CompilerServices.TaskAwaiter"] = ["GetResult"],
        ["System.Runtime.CompilerServices.TaskAwaiter`1"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ValueTaskAwaiter"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ValueTaskAwaiter`1"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ConfiguredTaskAwaitable+ConfiguredTaskAwaiter"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ConfiguredTaskAwaitable`1+ConfiguredTaskAwaiter"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable+ConfiguredValueTaskAwaiter"] = ["GetResult"],
        ["System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable`1+ConfiguredValueTaskAwaiter"] = ["GetResult"],
        ["System.Collections.Concurrent.BlockingCollection`1"] = ["Take", "GetConsumingEnumerable"],
        ["System.Console"] = ["Read", "ReadKey", "ReadLine"],
        ["System.Diagnostics.Process"] = ["WaitForExit", "WaitForInputIdle"],
        ["System.IO.File"] =
        [
            "ReadAllText",
            "ReadAllBytes",
            "ReadAllLines",
            "WriteAllText",
            "WriteAllBytes",
            "WriteAllLines",
            "AppendAllText",
            "AppendAllBytes",
            "AppendAllLines",
            "Copy",
        ],
        ["System.IO.FileStream"] = s_stream,
        ["System.IO.Pipes.PipeStream"] = s_stream,
        ["System.IO.Pipes.NamedPipeServerStream"] = ["WaitForConnection"],
        ["System.IO.Pipes.NamedPipeClientStream"] = ["Connect"],
        ["System.Net.Sockets.NetworkStream"] = s_stream,
        ["System.Net.Security.SslStream"] = [.. s_stream, "AuthenticateAsClient", "AuthenticateAsServer"],
        ["System.Net.Sockets.Socket"] =
        [
            "Accept",
            "Connect",
            "Receive",
            "ReceiveFrom",
            "ReceiveMessageFrom",
            "Send",
            "SendTo",
            "SendFile",
            "Poll",
            "Select",
        ],
        ["System.Net.Sockets.TcpClient"] = ["Connect"],
        ["System.Net.Sockets.TcpListener"] = ["AcceptSocket", "AcceptTcpClient"],
        ["System.Net.Sockets.UdpClient"] = ["Receive", "Send"],
        ["System.Net.Dns"] = ["GetHostEntry", "GetHostAddresses"],
        ["System.Net.Http.HttpClient"] = ["Send"],
        ["System.Net.WebRequest"] = ["GetResponse", "GetRequestStream"],
        ["System.Net.NetworkInformation.Ping"] = ["Send"],
        ["System.Data.Common.DbConnection"] = ["Open"],
        ["System.Data.Common.DbCommand"] = ["ExecuteNonQuery", "ExecuteReader", "ExecuteScalar"],
        ["System.Data.Common.DbDataReader"] = ["Read", "NextResult"],
    };

    /// <summary>Whether a member waits when called on a receiver of this type.</summary>
    /// <param name="receiver">The static type; null for static members. A plain Stream is not known to be slow, a FileStream is, also where it inherits the member.</param>
    /// <param name="member">What is called.</param>
    public static bool Contains(ITypeSymbol? receiver, ISymbol member)
    {
        for (ITypeSymbol? type = receiver ?? member.ContainingType; type is not null; type = type.BaseType)
            if (s_byType.TryGetValue(Operations.MetadataName(type), out string[]? names) && Array.IndexOf(names, member.Name) >= 0)
                return true;
        return false;
    }
}
