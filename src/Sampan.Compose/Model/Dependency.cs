namespace Sampan.Compose.Model;

/// <summary>That a service needs another one.</summary>
/// <param name="Service">The other one.</param>
/// <param name="Condition">When it is far enough.</param>
/// <param name="Restarts">Whether the service is restarted after the other one was replaced or restarted.</param>
/// <param name="IsRequired">Whether it goes without when the other one is not there.</param>
public sealed record Dependency(string Service, DependencyCondition Condition, bool Restarts, bool IsRequired);
