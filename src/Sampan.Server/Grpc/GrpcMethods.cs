using Google.Protobuf;

namespace Sampan.Server.Grpc;

/// <summary>The methods of a server by their paths, <c>/SERVICE/METHOD</c>.</summary>
internal sealed class GrpcMethods
{
    private readonly Dictionary<string, GrpcMethod> _byPath = new(StringComparer.Ordinal);

    /// <summary>Adds a method.</summary>
    internal GrpcMethods Map(string service, string method, GrpcMethod answer)
    {
        _byPath.Add($"/{service}/{method}", answer);
        return this;
    }

    /// <summary>Adds a method that has one question and one answer.</summary>
    internal GrpcMethods Map<TQuestion>(string service, string method, MessageParser<TQuestion> question, Func<GrpcCall, TQuestion, Task<IMessage>> answer)
        where TQuestion : class, IMessage<TQuestion>
        => Map(service, method, async call => await call.WriteAsync(await answer(call, await call.ReadOneAsync(question).ConfigureAwait(false)).ConfigureAwait(false)).ConfigureAwait(false));

    /// <summary>Adds a method that has one question and any number of answers, which it writes itself.</summary>
    internal GrpcMethods MapStream<TQuestion>(string service, string method, MessageParser<TQuestion> question, Func<GrpcCall, TQuestion, Task> answer)
        where TQuestion : class, IMessage<TQuestion>
        => Map(service, method, async call => await answer(call, await call.ReadOneAsync(question).ConfigureAwait(false)).ConfigureAwait(false));

    /// <summary>The method of a path; null: there is none.</summary>
    internal GrpcMethod? Find(string path) => _byPath.GetValueOrDefault(path);
}
