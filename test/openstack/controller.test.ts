import test from 'ava';
import { controllerSuite } from '../controller/controller-suite.js';
import { startOnCloud } from './support/doctor.js';

controllerSuite(test, () => startOnCloud(['controller']));
