namespace Sampan.Compose.Interpolation;

/// <summary>A value whose variables can't be replaced.</summary>
internal sealed class TemplateException(string message) : Exception(message);
