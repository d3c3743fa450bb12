namespace Sampan.DockerApi;

/// <summary>The empty JSON object that Docker uses as the value of sets (exposed ports, volumes).</summary>
public sealed record EmptyObject;
