namespace Sampan.Server.Http;

/// <summary>How a TLS connection that was taken over is ended: whoever closes it without a word leaves the client to think that it was cut.</summary>
/// <param name="SayAsync">Tells the client that this was all.</param>
internal sealed record TlsFarewell(Func<Task> SayAsync);
