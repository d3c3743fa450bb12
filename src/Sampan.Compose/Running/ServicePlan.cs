namespace Sampan.Compose.Running;

/// <summary>What is done about a service.</summary>
internal sealed record ServicePlan(IReadOnlyList<ContainerAction> Actions, Desired Desired);
