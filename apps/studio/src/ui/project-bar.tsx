import { openProject, saveProject, startAnew } from './project-actions.ts';
import { change, project } from './session.ts';
import { chosenTheme, theme } from './theme.ts';

/** The project's name, and what is done with it as a whole. */
export function ProjectBar() {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <div class="bar">
      <strong class="brand">@sp studio</strong>
      <label class="name">
        <span class="hidden">Project</span>
        <input
          value={project.value.name}
          autocomplete="off"
          onInput={({ currentTarget }) => change({ name: currentTarget.value })}
        />
      </label>
      <div class="actions">
        <button type="button" onClick={() => startAnew()}>
          New
        </button>
        <label class="button">
          Open
          <input
            class="hidden"
            type="file"
            accept=".zip"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              if (file !== undefined) void openProject(file);
              currentTarget.value = '';
            }}
          />
        </label>
        <button type="button" onClick={() => saveProject()}>
          Save as file
        </button>
        <button
          type="button"
          onClick={() => {
            chosenTheme.value = other;
          }}
        >
          {other === 'dark' ? 'Dark' : 'Light'}
        </button>
      </div>
    </div>
  );
}
