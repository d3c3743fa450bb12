namespace Sampan.Server.Http;

/// <summary>Answers one request. What it throws becomes the answer through <see cref="ErrorMapping"/>.</summary>
internal delegate Task Handler(Exchange exchange);
