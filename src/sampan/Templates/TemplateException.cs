namespace Sampan.Cli.Templates;

/// <summary>A template that can't be read or doesn't fit its data; texts are those of Go's text/template, which scripts know.</summary>
internal sealed class TemplateException(string message) : Exception(message);
