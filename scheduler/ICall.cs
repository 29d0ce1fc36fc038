using CloudScale.Scheduling;

namespace CloudScale;

/// <summary>A request that says what it is answered with: <c>record Get(string Key) : ICall&lt;int&gt;</c>, and <c>int n = await self.Call(server, new Get("x"))</c>.</summary>
/// <remarks>
/// A note for the compiler and nothing else: what travels is the request's term, so a server in Erlang sees no difference, and one of ours may answer a request that Erlang made. Between nodes
/// the request is a contract (<c>[Term("get")]</c>). The answer is read as <typeparamref name="TReply"/> by the rules of contracts: an integer for any integer type in whose range it lies, a binary for a
/// <see cref="string"/>, <c>true</c> and <c>false</c> for a <see cref="bool"/>, a tuple or map for a contract.
/// </remarks>
/// <typeparam name="TReply">What the server answers.</typeparam>
public interface ICall<TReply>
{
    /// <summary>
    /// The answer as the type. A contract is found by its tag and arity; one that has no tag is read by <c>Contract.TryFrom</c>, in an implementation of this method by the request.
    /// </summary>
    /// <param name="reply">What came.</param>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    TReply ReadReply(object reply) => TypedReply.As<TReply>(reply);
}
