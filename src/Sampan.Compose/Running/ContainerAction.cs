namespace Sampan.Compose.Running;

/// <summary>What is done about one container of a service, and why.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Number">Which of the service's containers.</param>
/// <param name="Existing">The one that is there; null for one that is made.</param>
/// <param name="Reason">Why, for the user; empty: it goes without saying.</param>
internal sealed record ContainerAction(ContainerActionKind Kind, int Number, ProjectContainer? Existing, string Reason = "");
