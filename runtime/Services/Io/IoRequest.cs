using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary>What a device answers to a request: the part of the I/O protocol that needs no process.</summary>
/// <remarks>
/// The device writes, and is at the end of its input. Texts to write are Unicode, Latin-1, or made by a function: by those of <c>io_lib</c> that make text, and by no other. Source: The Erlang
/// I/O Protocol, STDLIB User's Guide.
/// </remarks>
internal static class IoRequest
{
    private const int MaxNesting = 8; // of requests in requests; none that OTP sends nests at all

    /// <summary>Carries a request out.</summary>
    /// <param name="request">The request.</param>
    /// <param name="output">What it writes is appended.</param>
    /// <returns>The answer: <c>ok</c>, a result, <c>eof</c>, or <c>{error, Reason}</c>.</returns>
    internal static object Execute(object request, StringBuilder output) => Execute(request, output, MaxNesting);

    private static object Execute(object request, StringBuilder output, int nesting)
    {
        switch (request)
        {
            case Atom { Name: "getopts" }:
                return List.Of(Tuple.Of(IoAtoms.Binary, Atoms.False), Tuple.Of(IoAtoms.Encoding, IoAtoms.Unicode));
            case Tuple and [Atom { Name: "put_chars" }, ..] put:
                return Put(put, output);
            case Tuple and [Atom { Name: "requests" }, List requests] when nesting > 0:
                return ExecuteAll(requests, output, nesting - 1);
            case Tuple and [Atom { Name: "setopts" }, List options]:
                return SetOptions(options);
            case Tuple and [Atom { Name: "get_geometry" }, Atom]:
                return IoAtoms.Error(IoAtoms.NotSupported);
            case Tuple and [Atom { Name: "get_line" or "get_chars" or "get_until" or "get_password" }, ..]:
            case Atom { Name: "get_password" }:
                return IoAtoms.Eof;
            default:
                return IoAtoms.Error(IoAtoms.BadRequest);
        }
    }

    private static object ExecuteAll(List requests, StringBuilder output, int nesting)
    {
        object result = Atoms.Ok;
        foreach (object request in requests)
        {
            result = Execute(request, output, nesting);
            if (result is Tuple and [Atom error, ..] && ReferenceEquals(error, Atoms.Error))
                break;
        }

        return result;
    }

    private static object Put(Tuple request, StringBuilder output)
    {
        int before = output.Length;
        bool isText = request switch
        {
            [_, Atom { Name: "unicode" or "latin1" } encoding, var text] => CharData.TryAppend(
                output,
                text is string alias ? Binary.FromUtf8(alias) : text,
                ReferenceEquals(encoding, IoAtoms.Latin1)
            ),
            [_, Atom { Name: "unicode" or "latin1" }, Atom module, Atom function, List arguments] => TryCall(
                module,
                function,
                arguments,
                output
            ),
            [_, Atom module, Atom function, List arguments] => TryCall(module, function, arguments, output),
            [_, var text] => CharData.TryAppend(output, text, latin1: true), // the form of old
            _ => false,
        };
        if (isText)
            return Atoms.Ok;
        output.Length = before;
        return IoAtoms.Error(Tuple.Of(Atoms.Error, IoAtoms.PutChars));
    }

    private static bool TryCall(Atom module, Atom function, List arguments, StringBuilder output)
    {
        if (!ReferenceEquals(module, IoAtoms.IoLib))
            return false;
        try
        {
            string? text = (function.Name, arguments) switch
            {
                ("format" or "fwrite", [var format, var values]) => IoFormat.Format(format, values),
                ("write", [var term]) => IoFormat.Format("~tw", List.Of(term)),
                ("print", [var term]) => IoFormat.Format("~tp", List.Of(term)),
                ("nl", []) => "\n",
                _ => null,
            };
            output.Append(text);
            return text is not null;
        }
        catch (ErlangException)
        {
            return false;
        }
    }

    private static object SetOptions(List options)
    {
        foreach (object option in options)
        {
            bool isKnown =
                option
                is Tuple
                    and [Atom { Name: "binary" or "echo" or "expand_fun" or "encoding" }, _]
                    or Atom { Name: "binary" or "list" };
            if (!isKnown)
                return IoAtoms.Error(IoAtoms.NotSupported);
        }

        return Atoms.Ok;
    }
}
